/**
 * Brokers and servers as processes of their own, as figures and tests of the whole need them.
 *
 * <p>Read {@link dev.nagare.loadtest.process.Programs} first.
 */
@NullMarked
package dev.nagare.loadtest.process;

import org.jspecify.annotations.NullMarked;
