/**
 * ONNX files for benchmarks and checks: models written by seed, and published topologies whose
 * weights mean nothing given weights that tell a right answer from a wrong one.
 *
 * <p>Read {@link dev.nagare.loadtest.onnx.OnnxGraph} first, then {@link
 * dev.nagare.loadtest.onnx.HeWeights}. It shares no code with the importer, so a file that both
 * misread alike would have to be misread by the peer too.
 */
@NullMarked
package dev.nagare.loadtest.onnx;

import org.jspecify.annotations.NullMarked;
