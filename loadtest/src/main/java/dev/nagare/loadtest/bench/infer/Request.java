package dev.nagare.loadtest.bench.infer;

import java.util.List;

/**
 * What one caller asks: inputs whose first dimension is 1.
 *
 * @param inputs of the model
 * @param length of the sequence in it, which is the second dimension; 0 if it is none
 */
record Request(List<Input> inputs, int length) {}
