"""What comes out: the prediction and the curves of training."""
