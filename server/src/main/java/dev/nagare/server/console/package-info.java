/**
 * The live page: static files from the jar, no build step.
 *
 * <p>Read {@link dev.nagare.server.console.ConsoleRoute} first; the page itself is {@code
 * index.html}, {@code console.css} and {@code console.js} among the resources of this package.
 */
@NullMarked
package dev.nagare.server.console;

import org.jspecify.annotations.NullMarked;
