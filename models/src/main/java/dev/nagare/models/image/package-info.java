/**
 * Pictures for networks: from a file to the numbers that a model was trained on.
 *
 * <p>Read {@link dev.nagare.models.image.ImageFile} first, which looks at a file before anything is
 * decoded; then {@link dev.nagare.models.image.Decoder}, {@link dev.nagare.models.image.Channels},
 * {@link dev.nagare.models.image.Fit} with {@link dev.nagare.models.image.Resize}, and {@link
 * dev.nagare.models.image.Normalize}, in the order in which they are applied.
 */
@NullMarked
package dev.nagare.models.image;

import org.jspecify.annotations.NullMarked;
