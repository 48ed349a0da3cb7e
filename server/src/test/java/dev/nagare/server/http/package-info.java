/** Tests of this package. */
@NullMarked
package dev.nagare.server.http;

import org.jspecify.annotations.NullMarked;
