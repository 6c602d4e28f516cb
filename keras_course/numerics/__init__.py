"""The deck's equations from scratch, in NumPy: nothing of Keras or TensorFlow."""
