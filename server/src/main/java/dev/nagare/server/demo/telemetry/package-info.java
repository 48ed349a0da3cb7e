/**
 * What the demo learns from: the load of the machine it runs on, ten rows a second.
 *
 * <p>Read {@link dev.nagare.server.demo.telemetry.HostTelemetry} first, then {@link
 * dev.nagare.server.demo.telemetry.Sampler}.
 */
@NullMarked
package dev.nagare.server.demo.telemetry;

import org.jspecify.annotations.NullMarked;
