"""How good generated images are: figures of merit beside the same figures of real test images."""
