/**
 * The start-up file: YAML and {@code NAGARE_*} variables in, records out, every fault named at once
 * with its line.
 *
 * <p>Read {@link dev.nagare.server.config.NagareConfig} first, then {@link
 * dev.nagare.server.config.Section}, through which every setting is read.
 */
@NullMarked
package dev.nagare.server.config;

import org.jspecify.annotations.NullMarked;
