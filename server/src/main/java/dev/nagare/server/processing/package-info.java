/**
 * Pictures and texts on their way to a model, and labels and vectors on their way back.
 *
 * <p>Read {@link dev.nagare.server.processing.Workshop} first. What the steps are, each version's
 * {@code model.yaml} says; the steps themselves are in {@link dev.nagare.models.processing}.
 */
@NullMarked
package dev.nagare.server.processing;

import org.jspecify.annotations.NullMarked;
