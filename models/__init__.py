"""The network: temporal encoder, spatial context, training, calibration, prediction and model cards."""
