/**
 * The whole product as its users meet it: a real broker and a real server in JVMs of their own,
 * seen through Kafka, HTTP, WebSocket and a browser.
 *
 * <p>Read {@link dev.nagare.loadtest.e2e.Stack} first.
 */
@NullMarked
package dev.nagare.loadtest.e2e;

import org.jspecify.annotations.NullMarked;
