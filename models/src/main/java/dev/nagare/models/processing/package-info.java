/**
 * What stands around a model, so that callers send a picture or a text and get labels or vectors.
 *
 * <p>Read {@link dev.nagare.models.processing.Processing} first. The steps themselves are in {@link
 * dev.nagare.models.image} and {@link dev.nagare.models.text}.
 */
@NullMarked
package dev.nagare.models.processing;

import org.jspecify.annotations.NullMarked;
