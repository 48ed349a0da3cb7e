/**
 * Benchmarks against peers that others can repeat: each side in a JVM of its own, blocks in turn,
 * outputs compared before a time counts.
 *
 * <p>Read {@link dev.nagare.loadtest.bench.BenchCommand} first; the suites are packages of their
 * own. Types of a peer (DJL, ONNX Runtime) are seen by its workloads only.
 */
@NullMarked
package dev.nagare.loadtest.bench;

import org.jspecify.annotations.NullMarked;
