/**
 * Feeding recorded events again: a file into a topic, or a topic into a fresh model.
 *
 * <p>Read {@link dev.nagare.server.replay.ReplayCommand} first.
 */
@NullMarked
package dev.nagare.server.replay;

import org.jspecify.annotations.NullMarked;
