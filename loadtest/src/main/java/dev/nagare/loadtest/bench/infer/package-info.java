/**
 * The suite {@code infer}: answers of compiled plans against those of ONNX Runtime, from the same
 * file.
 *
 * <p>Read {@link dev.nagare.loadtest.bench.infer.InferSuite} first, then {@code InferTask} (what is
 * asked), {@code ModelFile} (of which model) and {@code Contender} (by whom). Types of ONNX Runtime
 * are seen by {@code OrtModel} and {@code OrtSetting} only.
 */
@NullMarked
package dev.nagare.loadtest.bench.infer;

import org.jspecify.annotations.NullMarked;
