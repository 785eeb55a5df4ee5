solid corner_block
  facet normal 0 0 -1
    outer loop
      vertex 0 0 0
      vertex 0 20 0
      vertex 20 0 0
    endloop
  endfacet
  facet normal 0 -1 0
    outer loop
      vertex 0 0 0
      vertex 20 0 0
      vertex 0 0 20
    endloop
  endfacet
  facet normal -1 0 0
    outer loop
      vertex 0 0 0
      vertex 0 0 20
      vertex 0 20 0
    endloop
  endfacet
  facet normal 0.57735 0.57735 0.57735
    outer loop
      vertex 20 0 0
      vertex 0 20 0
      vertex 0 0 20
    endloop
  endfacet
endsolid corner_block
