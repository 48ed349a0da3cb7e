/**
 * Models that answer and do not learn, read from a file and compiled.
 *
 * <p>Read {@link dev.nagare.models.inference.InferenceModel} first.
 */
@NullMarked
package dev.nagare.models.inference;

import org.jspecify.annotations.NullMarked;
