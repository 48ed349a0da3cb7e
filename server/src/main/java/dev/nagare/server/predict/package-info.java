/**
 * Answers from a model file, without a server.
 *
 * <p>Read {@link dev.nagare.server.predict.PredictCommand} first.
 */
@NullMarked
package dev.nagare.server.predict;

import org.jspecify.annotations.NullMarked;
