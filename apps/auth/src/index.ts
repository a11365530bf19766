export { authService } from './auth.service.ts'
