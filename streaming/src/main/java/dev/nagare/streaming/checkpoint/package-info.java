/**
 * Everything that a learner needs to go on bit for bit, safe in two places: a blob in a local
 * folder, and the same bytes in a topic, with a registry that points to the current one.
 *
 * <p>Read {@link dev.nagare.streaming.checkpoint.Checkpoint} first, then {@link
 * dev.nagare.streaming.checkpoint.Registry}.
 */
@NullMarked
package dev.nagare.streaming.checkpoint;

import org.jspecify.annotations.NullMarked;
