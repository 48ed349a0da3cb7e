/**
 * {@code nagare demo}: a small parent process that starts a broker and a server, feeds them with
 * the load of this machine, watches over both and takes both with it when it ends.
 *
 * <p>Read {@link dev.nagare.server.demo.Demo} first.
 */
@NullMarked
package dev.nagare.server.demo;

import org.jspecify.annotations.NullMarked;
