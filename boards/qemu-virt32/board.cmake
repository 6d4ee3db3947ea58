signalbox_add_board(qemu-virt32)
