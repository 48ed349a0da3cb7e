/**
 * Load generation and benchmarks against peers: what measures the product from outside.
 *
 * <p>Nothing depends on this module, and it is not in the image. Read {@link
 * dev.nagare.loadtest.LoadtestCommands} first: it hangs the commands into {@code nagare}.
 */
@NullMarked
package dev.nagare.loadtest;

import org.jspecify.annotations.NullMarked;
