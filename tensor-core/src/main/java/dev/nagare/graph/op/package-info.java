/**
 * The operators of graphs, one per file, with the semantics of ONNX.
 *
 * <p>Each is a record: its components are the attributes, {@code infer} is the shape rule, {@code
 * prepare} makes a run ready. Read {@link dev.nagare.graph.op.Unary} first, then {@link
 * dev.nagare.graph.op.Convolution}. Floating point numbers are computed by the kernels of {@code
 * dev.nagare.tensor.kernel}; integers and truth values, which are arithmetic on shapes and masks,
 * take one slow and exact way. Images are {@code [N, C, H, W]} whatever the order in memory.
 */
@NullMarked
package dev.nagare.graph.op;

import org.jspecify.annotations.NullMarked;
