/**
 * Labels that come later than predictions: what the doors answered is recorded, labels are put
 * beside it, and the join makes examples of both, each once.
 *
 * <p>Read {@link dev.nagare.streaming.join.PredictionId} first, then {@link
 * dev.nagare.streaming.join.Join}.
 */
@NullMarked
package dev.nagare.streaming.join;

import org.jspecify.annotations.NullMarked;
