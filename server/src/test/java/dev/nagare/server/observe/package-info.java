/** What is told of requests. */
@NullMarked
package dev.nagare.server.observe;

import org.jspecify.annotations.NullMarked;
