/** Tests of this package. */
@NullMarked
package dev.nagare.server.metrics;

import org.jspecify.annotations.NullMarked;
