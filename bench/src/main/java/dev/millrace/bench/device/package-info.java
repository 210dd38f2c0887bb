/**
 * The Java client on a device, beside plain SQLite and the gateway alone. Read first {@link
 * dev.millrace.bench.device.DeviceBench}.
 */
@NullMarked
package dev.millrace.bench.device;

import org.jspecify.annotations.NullMarked;
