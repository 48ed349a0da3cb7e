package dev.nagare.streaming.protocol;

import dev.nagare.tensor.Tensor;

/**
 * A named FP32 tensor on the wire, row-major, batch included.
 *
 * @param name as in the model's metadata
 * @param data F32; lives as long as the message that carries it
 */
public record TensorData(String name, Tensor data) {}
