/**
 * Constant-rate load over HTTP, measured so that a stalled server cannot hide its stall.
 *
 * <p>It sees wire formats only and no class of the server, so it can drive any server of the Open
 * Inference Protocol. Read {@link dev.nagare.loadtest.load.OpenLoop} first.
 */
@NullMarked
package dev.nagare.loadtest.load;

import org.jspecify.annotations.NullMarked;
