/**
 * The learner: one partition in, one model, outputs and checkpoints exactly once.
 *
 * <p>Read {@link dev.nagare.streaming.learn.Learner} first, then {@link
 * dev.nagare.streaming.learn.Tenure}, which is the protocol from the fence to the last commit.
 */
@NullMarked
package dev.nagare.streaming.learn;

import org.jspecify.annotations.NullMarked;
