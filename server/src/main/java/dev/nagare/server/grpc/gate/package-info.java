/**
 * What comes before a call: its connection as it begins, the name that its caller has for this
 * server, what it may do and what it may have in memory. Nothing gets past this that costs
 * anything.
 *
 * <p>Read {@link dev.nagare.server.grpc.gate.Gate} first, then {@link
 * dev.nagare.server.grpc.gate.ConnectionSetup}.
 */
@NullMarked
package dev.nagare.server.grpc.gate;

import org.jspecify.annotations.NullMarked;
