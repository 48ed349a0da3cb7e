/**
 * The command line: what the script {@code nagare} starts.
 *
 * <p>Read {@link dev.nagare.server.cli.Nagare} first. Other modules add commands through {@link
 * dev.nagare.server.cli.NagareSubcommand}.
 */
@NullMarked
package dev.nagare.server.cli;

import org.jspecify.annotations.NullMarked;
