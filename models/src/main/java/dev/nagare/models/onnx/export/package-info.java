/**
 * Graphs become ONNX files, for other runtimes.
 *
 * <p>Read {@link dev.nagare.models.onnx.export.OnnxExport} first.
 */
@NullMarked
package dev.nagare.models.onnx.export;

import org.jspecify.annotations.NullMarked;
