import { defineConfig } from 'vite';
import { sharedConfig } from '../vite.shared.ts';

export default defineConfig(sharedConfig('http://127.0.0.1:7401'));
