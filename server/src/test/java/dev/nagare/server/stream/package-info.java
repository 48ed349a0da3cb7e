/** Tests of this package. */
@NullMarked
package dev.nagare.server.stream;

import org.jspecify.annotations.NullMarked;
