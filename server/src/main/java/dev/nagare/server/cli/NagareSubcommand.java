package dev.nagare.server.cli;

import java.util.concurrent.Callable;

/**
 * A command that another module adds to {@code nagare}, found by {@link java.util.ServiceLoader}.
 *
 * <p>The class carries picocli's {@code @Command} with its name. {@link #call} returns an {@link
 * ExitCode}; what it throws is printed as one line.
 */
public interface NagareSubcommand extends Callable<Integer> {}
