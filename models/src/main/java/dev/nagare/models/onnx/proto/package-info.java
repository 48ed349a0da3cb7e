/**
 * What an ONNX file says, as records: the messages of {@code onnx.proto} that matter to inference.
 *
 * <p>Read {@link dev.nagare.models.onnx.proto.ModelProto} first. The records are small: elements of
 * tensors stay where they are in the mapped file until {@link
 * dev.nagare.models.onnx.proto.TensorProto} is asked for them. {@code WireReader} is the one reader
 * of bytes; it trusts nothing, since a model file may come from anywhere.
 */
@NullMarked
package dev.nagare.models.onnx.proto;

import org.jspecify.annotations.NullMarked;
