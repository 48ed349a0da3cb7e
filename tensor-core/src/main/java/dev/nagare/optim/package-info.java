/**
 * What moves parameters against their gradients, one optimizer per file.
 *
 * <p>Read {@link dev.nagare.optim.Optimizer} first, then {@link dev.nagare.optim.Adam}. Learning
 * rates come from {@link dev.nagare.optim.schedule}.
 */
@NullMarked
package dev.nagare.optim;

import org.jspecify.annotations.NullMarked;
