/**
 * Tensors and the memory they live in.
 *
 * <p>Every tensor is a view on off-heap memory that somebody else owns. There are four lifetimes:
 *
 * <ul>
 *   <li><b>process</b>, {@link dev.nagare.tensor.ProcessMemory}: parameters, gradients, optimizer
 *       and learner state; freed at the end.
 *   <li><b>snapshot</b>, {@link dev.nagare.tensor.PooledMemory} of a pool for snapshots: immutable
 *       weights, counted, one lease per running batch.
 *   <li><b>request</b>, {@link dev.nagare.tensor.PooledMemory} of a pool for requests: a caller's
 *       bytes, from the door to the batch.
 *   <li><b>scope</b>, {@link dev.nagare.tensor.Scope}: temporaries of one inference call or
 *       training step; a bump arena that is reset at its end.
 * </ul>
 *
 * <p>The steps of a compiled plan share {@link dev.nagare.tensor.ScratchMemory}, one after the
 * other. Weights in a file are read where they are, in {@link dev.nagare.tensor.MappedMemory}.
 *
 * <p>Memory that was reset or given back is still mapped, so every tensor remembers the generation
 * of its memory and every public call compares it: use after close is an exception, never a stale
 * read and never a crash. What must outlive its memory is copied by {@link
 * dev.nagare.tensor.Tensor#keep}.
 *
 * <p>Who opens closes; {@link dev.nagare.tensor.Leaks} finds what was forgotten.
 *
 * <p>Read {@link dev.nagare.tensor.Tensor} first.
 */
@NullMarked
package dev.nagare.tensor;

import org.jspecify.annotations.NullMarked;
