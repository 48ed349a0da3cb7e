/**
 * Load generation and benchmarks against peers: what measures the product from outside.
 *
 * <p>Nothing depends on this module, and it is not in the image. Read {@link
 * dev.nagare.loadtest.LoadCommand} first: like {@code bench}, it joins {@code nagare} through
 * {@link dev.nagare.server.cli.NagareSubcommand}.
 */
@NullMarked
package dev.nagare.loadtest;

import org.jspecify.annotations.NullMarked;
