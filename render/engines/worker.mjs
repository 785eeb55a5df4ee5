// The persistent OpenSCAD worker: `node worker.mjs ENGINE_DIR`, driven by node_worker.py over stdin and stdout.
//
// A message is u32le header length, u32le body length, the header as JSON, then the body's raw bytes.
// Request:  {arguments, main, files: [[path, nBytes]], mounts: {path: key}, contents: [[key, nBytes]],
//           max_memory_bytes, max_output_bytes}; the body holds the bytes of `files`, then those of `contents`.
// Response: {rc, trap, is_out_of_memory, n_output_bytes, n_memory_bytes, log}; the body is the binary STL.
//
// The module is compiled once. One instance serves file after file: a second callMain on it would throw, so after
// each file its memory is put back to what it was before the first. That costs 0.4 ms where a fresh instance costs 9.
// Deadlines aren't kept here: a wasm loop can't be interrupted, so the parent kills this process.
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';

const STACK_BYTES = 16 << 20; // the package's own 64 KB corrupts memory at a recursion depth of about 90
const PAGE_BYTES = 65536;
const MAX_LINES_OF_A_LABEL = 100;
const MAX_LINE_CHARS = 2000;
const MAX_KEPT_INSTANCE_BYTES = 64 << 20; // zeroing 64 MB costs what a fresh instance does
const LABELS = new Set(['ERROR', 'WARNING', 'DEPRECATED', 'TRACE', 'ECHO', 'PARSER-ERROR', 'EXPORT-ERROR',
  'EXPORT-WARNING', 'FONT-WARNING', 'UI-ERROR', 'UI-WARNING']);
const GAP = /ignoring unknown|can't open|couldn't be opened|could not (?:open|read)|unable to open|failed to open|can't find/i;
const OUTPUT = '/out.stl';
const FONT_CONFIG = `<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd"><fontconfig>
<dir>/fonts</dir><cachedir>/fontcache</cachedir>
${[['sans-serif', 'Liberation Sans'], ['Arial', 'Liberation Sans'], ['Helvetica', 'Liberation Sans'],
    ['serif', 'DejaVu Serif'], ['monospace', 'DejaVu Sans Mono']].map(([from, to]) =>
    `<alias><family>${from}</family><prefer><family>${to}</family></prefer></alias>`).join('\n')}
</fontconfig>`;

// A busy main thread can't see stdin close, so a second thread watches for the parent's death.
new Worker(
  `const parent = process.ppid;
   setInterval(() => { if (process.ppid !== parent) process.kill(process.pid, 'SIGKILL'); }, 500);`,
  { eval: true, stdout: true, stderr: true }, // without its own streams it makes our stdout non-blocking
).unref();

const engineDir = path.resolve(process.argv[2]);
const manifest = JSON.parse(fs.readFileSync(path.join(engineDir, 'engine.json'), 'utf8'));
const { default: createInstance } = await import(pathToFileURL(path.join(engineDir, 'glue.mjs')));
const wasmModule = await WebAssembly.compile(fs.readFileSync(path.join(engineDir, 'openscad.wasm')));
const fontFiles = fs.readdirSync(path.join(engineDir, 'fonts')).filter((name) => name.endsWith('.ttf'))
  .map((name) => [name, fs.readFileSync(path.join(engineDir, 'fonts', name))]);
const pause = new Int32Array(new SharedArrayBuffer(4));
const zeroPage = new Uint8Array(PAGE_BYTES);
const libraryFiles = new Map(); // key (content hash) -> bytes

function readExactly(nBytes) {
  const buffer = Buffer.allocUnsafeSlow(nBytes);
  for (let at = 0; at < nBytes; ) {
    const n = fs.readSync(0, buffer, at, nBytes - at, null);
    if (n === 0) return null;
    at += n;
  }
  return buffer;
}

function readRequest() {
  const head = readExactly(8);
  const header = head && readExactly(head.readUInt32LE(0));
  const body = header && readExactly(head.readUInt32LE(4));
  return body && [JSON.parse(header.toString('utf8')), body];
}

function writeAll(buffers) {
  for (const buffer of buffers) {
    for (let at = 0; at < buffer.length; ) {
      try {
        at += fs.writeSync(1, buffer, at);
      } catch (error) {
        if (error.code !== 'EAGAIN') throw error;
        Atomics.wait(pause, 0, 0, 1); // the pipe is full: give the reader a millisecond
      }
    }
  }
}

function writeResponse(header, stl) {
  const json = Buffer.from(JSON.stringify(header), 'utf8');
  const head = Buffer.alloc(8);
  head.writeUInt32LE(json.length, 0);
  head.writeUInt32LE(stl.length, 4);
  writeAll([Buffer.concat([head, json]), stl]); // the mesh goes out from where the engine wrote it
}

// Caps each label's lines by itself, so that a million ECHO lines can't hide the one ERROR after them.
class Log {
  lines = [];
  #counts = new Map();
  #part = []; // pieces of a line not ended yet, at most MAX_LINE_CHARS * 4 bytes of it
  #nPartBytes = 0;

  // A whole buffer at once: emscripten's own terminal goes byte by byte and keeps a line in an array of numbers.
  write = (bytes) => {
    for (let at = 0; at < bytes.length; ) {
      const newline = bytes.indexOf(10, at);
      const end = newline < 0 ? bytes.length : newline;
      const n = Math.min(end - at, MAX_LINE_CHARS * 4 - this.#nPartBytes);
      if (n > 0) {
        this.#part.push(Buffer.from(bytes.subarray(at, at + n)));
        this.#nPartBytes += n;
      }
      if (newline >= 0) this.flush();
      at = end + 1;
    }
  };

  flush() {
    if (this.#part.length) this.add(Buffer.concat(this.#part).toString('utf8'));
    this.#part = [];
    this.#nPartBytes = 0;
  }

  add = (line) => {
    const found = /^[A-Z-]+(?=:)/.exec(line)?.[0] ?? '';
    // what a verdict hangs on is counted by itself, lest a hundred echoed warnings hide the real one
    const gap = GAP.exec(line.slice(0, MAX_LINE_CHARS))?.[0].toLowerCase() ?? '';
    const label = line.includes('op level object') ? 'top level' : (LABELS.has(found) ? found : '') + gap;
    const count = (this.#counts.get(label) ?? 0) + 1;
    this.#counts.set(label, count);
    if (count <= MAX_LINES_OF_A_LABEL) this.lines.push(line.slice(0, MAX_LINE_CHARS).toWellFormed());
  };
}

function exported(exports, name) {
  const value = exports[manifest.exports[name]];
  if (value === undefined) throw new Error(`the engine exports no ${name} as '${manifest.exports[name]}': run make setup`);
  return value;
}

// One OpenSCAD, its file system, and the memory it had before its first file.
class Instance {
  #scad;
  #memory;
  #restoreStack;
  #stackBase;
  #stackTop;
  #below; // memory below the stack, and from the page that holds its top upwards
  #above;
  #mounted = new Map(); // path -> key
  #mountFolders = []; // made for these, the deepest first
  #maxMemoryBytes = Infinity;
  isOutOfMemory = false;
  isSpent = false;
  log = new Log();

  static async create() {
    const self = new Instance();
    let exports;
    self.#scad = await createInstance({
      noInitialRun: true,
      noExitRuntime: true,
      stdin: () => null, // the default reads the process's own: our protocol
      print: (line) => self.log.add(line),
      printErr: (line) => self.log.add(line),
      preRun: [(module) => { module.ENV.FONTCONFIG_PATH = '/fonts'; }],
      instantiateWasm: (imports, receive) => {
        const instance = new WebAssembly.Instance(wasmModule, imports);
        exports = instance.exports;
        self.#capMemory(exported(exports, 'memory'));
        receive(instance, wasmModule);
        return exports;
      },
    });
    for (const stream of [1, 2].map((fd) => self.#scad.FS.streams[fd])) {
      const write = (_, bytes, offset, length) => {
        self.log.write(bytes.subarray(offset, offset + length));
        return length;
      };
      stream.stream_ops = { ...stream.stream_ops, write };
    }
    self.#addFonts();
    self.#takeSnapshot(exports);
    return self;
  }

  #capMemory(memory) {
    const grow = memory.grow.bind(memory);
    memory.grow = (nPages) => {
      if (memory.buffer.byteLength + nPages * PAGE_BYTES > this.#maxMemoryBytes) {
        // one more than fits was asked for; the glue retries with smaller steps before it gives up
        this.isOutOfMemory = true;
        throw new RangeError('memory cap reached');
      }
      const before = grow(nPages);
      this.isOutOfMemory = false;
      return before;
    };
    this.#memory = memory;
  }

  #takeSnapshot(exports) {
    this.#stackBase = exported(exports, 'memalign')(PAGE_BYTES, STACK_BYTES) >>> 0;
    if (this.#stackBase === 0) throw new RangeError('no memory for the stack');
    this.#stackTop = (this.#stackBase + STACK_BYTES) & ~15;
    this.#restoreStack = exported(exports, 'stack_restore');
    this.#restoreStack(this.#stackTop);
    const bytes = new Uint8Array(this.#memory.buffer);
    this.#below = bytes.slice(0, this.#stackBase);
    this.#above = bytes.slice(this.#stackTop - PAGE_BYTES);
  }

  get nMemoryBytes() {
    return this.#memory.buffer.byteLength;
  }

  // Everything in memory is as before the first file. The stack is cleared from its top down to the first page that
  // holds nothing: what lies below was not reached.
  #restore() {
    const bytes = new Uint8Array(this.#memory.buffer);
    const keptFrom = this.#stackTop - PAGE_BYTES;
    bytes.set(this.#below, 0);
    bytes.set(this.#above, keptFrom);
    bytes.fill(0, keptFrom + this.#above.length);
    for (let end = keptFrom; end > this.#stackBase; end -= PAGE_BYTES) {
      const page = bytes.subarray(end - PAGE_BYTES, end);
      if (Buffer.compare(page, zeroPage) === 0) break;
      page.fill(0);
    }
    this.#restoreStack(this.#stackTop);
  }

  #mount(mounts) {
    const { FS } = this.#scad;
    for (const [name, key] of this.#mounted) {
      if (mounts[name] === key) continue;
      FS.unlink(name);
      this.#mounted.delete(name);
    }
    // a folder that is left would look like the library to the next file
    this.#mountFolders = this.#mountFolders.filter((dir) => FS.readdir(dir).length > 2 || FS.rmdir(dir));
    for (const [name, key] of Object.entries(mounts)) {
      if (this.#mounted.has(name)) continue;
      this.#mountFolders.unshift(...this.#makeFolders(path.posix.dirname(name)));
      FS.writeFile(name, libraryFiles.get(key), { canOwn: true });
      this.#mounted.set(name, key);
    }
  }

  // Makes a folder and those above it; returns what was made, the deepest first.
  #makeFolders(folder) {
    const { FS } = this.#scad;
    const made = [];
    for (let dir = folder; !FS.analyzePath(dir).exists; dir = path.posix.dirname(dir)) made.push(dir);
    for (const dir of made.toReversed()) FS.mkdir(dir);
    return made;
  }

  #addFonts() {
    const { FS } = this.#scad;
    FS.mkdirTree('/fontcache');
    FS.mkdirTree('/fonts');
    FS.writeFile('/fonts/fonts.conf', FONT_CONFIG);
    for (const [name, bytes] of fontFiles) FS.writeFile(`/fonts/${name}`, bytes, { canOwn: true });
  }

  // Writes the job's files, each in a folder of the job's own; returns what to call to take them away again.
  #writeFiles(files, body) {
    const { FS } = this.#scad;
    const made = [];
    let at = 0;
    for (const [name, nBytes] of files) {
      for (const dir of this.#makeFolders(path.posix.dirname(name)).reverse()) made.push(() => FS.rmdir(dir));
      FS.writeFile(name, body.subarray(at, at + nBytes), { canOwn: true });
      made.push(() => FS.unlink(name));
      at += nBytes;
    }
    return () => made.reverse().forEach((undo) => undo());
  }

  compile(request, body) {
    const { FS } = this.#scad;
    this.log = new Log();
    this.isOutOfMemory = false;
    this.#maxMemoryBytes = request.max_memory_bytes;
    const response = { rc: null, trap: null, n_output_bytes: 0 };
    let stl = zeroPage.subarray(0, 0);
    try {
      this.#mount(request.mounts);
      const removeFiles = this.#writeFiles(request.files, body);
      const options = ['-o', OUTPUT, '--export-format', 'binstl', '--backend=manifold', ...request.arguments];
      response.rc = this.#scad.callMain([...options, request.main]);
      this.log.flush();
      for (const stream of FS.streams.slice(3)) if (stream) FS.close(stream); // whoever had them open is gone
      if (FS.analyzePath(OUTPUT).exists) {
        const { node } = FS.lookupPath(OUTPUT);
        response.n_output_bytes = node.usedBytes;
        if (node.usedBytes <= request.max_output_bytes) stl = node.contents.subarray(0, node.usedBytes);
        FS.unlink(OUTPUT);
      }
      removeFiles();
    } catch (error) {
      // a trap, a C++ exception (a number or a WebAssembly.Exception) or JavaScript's own stack limit
      response.trap = typeof error === 'number' ? this.#exceptionName(error) : String(error?.message ?? error);
      this.log.flush();
    }
    response.is_out_of_memory = this.isOutOfMemory || /bad_alloc|length_error/.test(response.trap);
    response.n_memory_bytes = this.nMemoryBytes;
    response.log = this.log.lines;
    return [response, stl];
  }

  // What C++ threw: 24 bytes before the object stands its type, and in that, second, the type's mangled name.
  #exceptionName(pointer) {
    const view = new DataView(this.#memory.buffer);
    try {
      const name = view.getUint32(view.getUint32(pointer - 20, true) + 4, true);
      const bytes = Buffer.from(this.#memory.buffer, name, 64);
      return `a C++ exception, ${bytes.toString('latin1', 0, bytes.indexOf(0)).replace(/^St\d+/, 'std::')}`;
    } catch {
      return 'a C++ exception';
    }
  }

  // After the answer is out: ready for the next file, or spent.
  recycle(response) {
    this.isSpent = response.trap !== null || response.rc === null || this.nMemoryBytes > MAX_KEPT_INSTANCE_BYTES;
    if (!this.isSpent) this.#restore();
  }
}

let instance = await Instance.create();
writeResponse({ ready: true, node: process.version }, zeroPage.subarray(0, 0));
for (;;) {
  const message = readRequest();
  if (message === null) process.exit(0);
  const [request, body] = message;
  let at = request.files.reduce((sum, [, nBytes]) => sum + nBytes, 0);
  for (const [key, nBytes] of request.contents) {
    libraryFiles.set(key, Buffer.from(body.subarray(at, at + nBytes)));
    at += nBytes;
  }
  const [response, stl] = instance.compile(request, body);
  writeResponse(response, stl);
  instance.recycle(response);
  if (instance.isSpent) {
    instance = null;
    globalThis.gc?.(); // V8 sees a large instance as one small object and would keep several at a time
    instance = await Instance.create();
  }
}
