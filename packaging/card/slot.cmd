# The beginning of a slot; packaging/card/build puts in what is written large.
setexpr at ${start} + 8
${devtype} read KERNEL_AT ${at} KERNEL_SECTORS
setexpr at ${at} + KERNEL_SECTORS
${devtype} read RAMDISK_AT ${at} RAMDISK_SECTORS
setenv bootargs "CONSOLE panic=5 loglevel=4 signalbox.slot=${number}"
bootm KERNEL_AT RAMDISK_AT ${fdt_addr}
