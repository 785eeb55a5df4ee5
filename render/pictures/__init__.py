"""Pictures of meshes with numpy and Pillow alone: views, sheets, differences, turntables."""
