"""What all commands that train have in common: checks before TensorFlow, resuming by the record, the user's images."""
