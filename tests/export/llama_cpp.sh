#!/bin/sh
# Builds llama.cpp's library and llama-cpp-python from source, once (5 minutes), and has them read what we export.
# usage: llama_cpp.sh PYTHON_TO_BUILD_WITH PYTHON_OF_THE_PROJECT
set -eu
python=$1
ours=$2
version=0.3.36
root=var/llama_cpp
source=$root/llama_cpp_python-$version

if [ ! -f $root/built ]; then
  for tool in cmake g++; do
    command -v $tool >/dev/null || { echo "gguf-test: install $tool" >&2; exit 2; }
  done
  rm -rf $root
  mkdir -p $root
  "$python" -m venv $root/venv
  $root/venv/bin/pip download -q --no-deps --no-binary :all: -d $root llama-cpp-python==$version
  tar xzf $source.tar.gz -C $root
  # the library alone: with tools, tests and server it takes half an hour
  cmake -S $source/vendor/llama.cpp -B $root/build -DCMAKE_BUILD_TYPE=Release -DCMAKE_CXX_FLAGS_RELEASE=-O1 \
    -DCMAKE_C_FLAGS_RELEASE=-O1 -DBUILD_SHARED_LIBS=ON -DLLAMA_BUILD_COMMON=OFF -DLLAMA_BUILD_TESTS=OFF \
    -DLLAMA_BUILD_TOOLS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_SERVER=OFF -DLLAMA_BUILD_APP=OFF \
    -DGGML_OPENMP=OFF -DGGML_LLAMAFILE=OFF -DGGML_CPU_REPACK=OFF
  cmake --build $root/build --target llama
  CMAKE_ARGS="-DLLAMA_BUILD=OFF -DLLAVA_BUILD=OFF" $root/venv/bin/pip install -q ./$source
  touch $root/built
fi
rm -rf $root/cases
mkdir -p $root/cases
PYTHONPATH=. "$ours" tests/export/llama_cpp_check.py write $root/cases
LLAMA_CPP_LIB_PATH=$PWD/$root/build/bin $root/venv/bin/python tests/export/llama_cpp_check.py read $root/cases
