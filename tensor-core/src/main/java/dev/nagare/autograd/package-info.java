/**
 * Define-by-run differentiation, first order.
 *
 * <p>The forward runs at once and leaves a small record per operator on a {@link
 * dev.nagare.autograd.Tape}; {@link dev.nagare.autograd.Variable#backward} walks them in reverse.
 * One operator per file: forward, backward, shape rule and source. An operator without a backward
 * throws when its input requires a gradient; the graph is never cut silently.
 *
 * <p>Read {@link dev.nagare.autograd.Tape} first, then {@link dev.nagare.autograd.Node} to add an
 * operator.
 */
@NullMarked
package dev.nagare.autograd;

import org.jspecify.annotations.NullMarked;
