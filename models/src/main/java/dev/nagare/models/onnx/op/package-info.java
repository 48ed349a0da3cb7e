/**
 * Operators of ONNX, one file each: what a node of a model file becomes in a {@link
 * dev.nagare.graph.Graph}.
 *
 * <p>Read {@link dev.nagare.models.onnx.op.OnnxOperator} first, then {@link
 * dev.nagare.models.onnx.op.NodeReader}, which a node is read with, and one of the operators, such
 * as {@code OnnxTranspose}. {@link dev.nagare.models.onnx.op.OnnxOperators} lists all of them.
 */
@NullMarked
package dev.nagare.models.onnx.op;

import org.jspecify.annotations.NullMarked;
