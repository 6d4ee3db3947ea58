// SPDX-License-Identifier: MIT OR GPL-2.0
// A PWM chip with two outputs, for a machine that has none. What they are set to, the kernel shows in /sys/kernel/debug/pwm.
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/pwm.h>

static struct platform_device *parent;
static struct pwm_chip chip;

/* The longest and the shortest period of usual chips. */
static int apply(struct pwm_chip *its, struct pwm_device *output, const struct pwm_state *state)
{
	return state->period >= 100 && state->period <= NSEC_PER_SEC ? 0 : -ERANGE;
}

static const struct pwm_ops ops = {.apply = apply, .owner = THIS_MODULE};

static int __init begin(void)
{
	int error;

	parent = platform_device_register_simple("pwm-outputs", PLATFORM_DEVID_NONE, NULL, 0);
	if (IS_ERR(parent))
		return PTR_ERR(parent);
	chip.dev = &parent->dev;
	chip.ops = &ops;
	chip.npwm = 2;
	error = pwmchip_add(&chip);
	if (error)
		platform_device_unregister(parent);
	return error;
}

static void __exit end(void)
{
	pwmchip_remove(&chip);
	platform_device_unregister(parent);
}

module_init(begin);
module_exit(end);
MODULE_LICENSE("Dual MIT/GPL");
MODULE_DESCRIPTION("A PWM chip with two outputs, for tests");
