/**
 * A real Kafka broker for the demo and the tests: a program of its own, since a broker's libraries
 * have no place on the server's class path, and a broker that can be killed must be a process.
 *
 * <p>Read {@link dev.nagare.broker.EmbeddedBroker} first.
 */
@NullMarked
package dev.nagare.broker;

import org.jspecify.annotations.NullMarked;
