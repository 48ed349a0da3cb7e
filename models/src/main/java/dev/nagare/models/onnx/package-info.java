/**
 * Models in the ONNX format, as exporters of other frameworks write them.
 *
 * <p>Read {@link dev.nagare.models.onnx.OnnxModel} first: it maps a file, checks it and makes a
 * {@link dev.nagare.graph.Graph} of it. Package {@code proto} is what the file says, {@code op} has
 * one file per operator. A file may come from anywhere, so nothing in it is believed: see {@code
 * WireReader}, {@code ModelCheck} and {@code ExternalFiles}.
 */
@NullMarked
package dev.nagare.models.onnx;

import org.jspecify.annotations.NullMarked;
