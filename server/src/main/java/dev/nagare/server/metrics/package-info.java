/**
 * What is measured, by Prometheus' own client and naming: base units, {@code _total}, histograms.
 *
 * <p>Read {@link dev.nagare.server.metrics.Metrics} first. Labels are model names, reasons, routes
 * and codes: all from closed sets, never a caller's text.
 */
@NullMarked
package dev.nagare.server.metrics;

import org.jspecify.annotations.NullMarked;
