package dev.nagare.streaming.protocol;

import dev.nagare.tensor.Tensor;

/**
 * A named tensor on the wire, row-major, batch included.
 *
 * @param name as in the model's metadata
 * @param data lives as long as the message that carries it
 */
public record TensorData(String name, Tensor data) {}
